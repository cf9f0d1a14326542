"""Every screen of the app: its script, its address, its name in the navigation, and who may open it."""

from dataclasses import dataclass
from enum import Enum, auto

from services.accounts.actor import Actor
from services.accounts.permissions import Permission


class Audience(Enum):
    """Who a screen is for; a staff screen names the permission that it takes."""

    EVERYONE = auto()
    SIGNED_IN = auto()


@dataclass(frozen=True)
class Screen:
    """One row of the table. `script` is relative to pages/, `path` the address without its slash."""

    path: str
    script: str
    title: str
    audience: Audience = Audience.SIGNED_IN
    permission: Permission | None = None
    icon: str = ""
    in_header: bool = False

    @property
    def address(self) -> str:
        """Where the screen is found: the start screens share "/"."""
        return "/" if self in START_SCREENS else f"/{self.path}"

    def is_open_to(self, actor: Actor | None) -> bool:
        """Whether `actor` (None: not signed in) may run the screen's script."""
        if self.audience is Audience.EVERYONE:
            return True
        if actor is None:
            return False
        return self.permission is None or actor.may(self.permission)


LANDING = Screen("welcome", "public/landing.py", "Vitrine", Audience.EVERYONE)
SIGN_IN = Screen("sign-in", "public/sign_in.py", "Sign in", Audience.EVERYONE)
SIGN_UP = Screen("sign-up", "public/sign_up.py", "Create your account", Audience.EVERYONE)
NOT_FOUND = Screen("not-found", "public/not_found.py", "Page not found", Audience.EVERYONE)
HOME = Screen("home", "shop/home.py", "Home", icon="home", in_header=True)
GENERATE = Screen("generate", "shop/generate.py", "Create", icon="create", in_header=True)
RESTYLE = Screen("restyle", "shop/restyle.py", "Restyle", icon="restyle", in_header=True)
GALLERY = Screen("gallery", "shop/gallery.py", "Gallery", icon="gallery", in_header=True)
PRODUCTS = Screen("products", "shop/products.py", "Products", icon="products", in_header=True)
PRODUCT = Screen("product", "shop/product.py", "Product")
PICTURE = Screen("picture", "shop/picture.py", "Picture")
TOUCH_UP = Screen("touch-up", "shop/touch_up.py", "Touch up")
CREDITS = Screen("credits", "shop/credits.py", "Credits", icon="credits", in_header=True)
BUY = Screen("buy", "shop/buy.py", "Buy credits")
PAYMENTS = Screen("payments", "shop/payments.py", "Payments")
RECEIPT = Screen("receipt", "shop/receipt.py", "Receipt")
CHECKOUT_DONE = Screen("checkout-done", "shop/checkout_done.py", "Your payment")
CHECKOUT_CANCELLED = Screen("checkout-cancelled", "shop/checkout_cancelled.py", "Your payment")
TEST_CHECKOUT = Screen("test-checkout", "shop/test_checkout.py", "Test checkout")
BUYING = (BUY, PAYMENTS, RECEIPT, CHECKOUT_DONE, CHECKOUT_CANCELLED, TEST_CHECKOUT)
ACCOUNT = Screen("account", "shop/account.py", "Account", icon="account")
KEYS = Screen("developers", "developers/keys.py", "Developers", icon="key")
PROMPTS = Screen("prompts", "admin/prompts.py", "Prompts", permission=Permission.VIEW_PROMPTS, icon="edit_note")
SYSTEM = Screen("system", "admin/system.py", "System", permission=Permission.VIEW_SYSTEM, icon="monitor_heart")
ANALYTICS = Screen(
    "analytics", "admin/analytics.py", "Analytics", permission=Permission.VIEW_FIGURES, icon="monitoring"
)

SCREENS = (
    LANDING,
    SIGN_IN,
    SIGN_UP,
    NOT_FOUND,
    HOME,
    GENERATE,
    RESTYLE,
    GALLERY,
    PICTURE,
    TOUCH_UP,
    PRODUCTS,
    PRODUCT,
    CREDITS,
    *BUYING,
    ACCOUNT,
    KEYS,
    PROMPTS,
    SYSTEM,
    ANALYTICS,
)


START_SCREENS = (LANDING, HOME)


def start_screen(actor: Actor | None) -> Screen:
    """What "/" shows."""
    return HOME if actor else LANDING
