"""Which payment gateway this installation uses."""

from services.billing.gateway.contract import Gateway
from services.billing.gateway.simulated import SimulatedGateway, is_simulated


def current_gateway() -> Gateway:
    """The gateway that the settings name."""
    if is_simulated():
        return SimulatedGateway()
    from services.billing.gateway.stripe import StripeGateway  # its library takes a third of a second to import

    return StripeGateway()
