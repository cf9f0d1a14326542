"""Vitrine's command line: set up, check, feed and run an installation."""

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from click.exceptions import Abort

import config
from db.models import Role, Tier
from services.errors import ServiceError

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from db.migrations.runner import upgrade

    upgrade()
    typer.echo("The database is up to date.", err=True)


@cli.command()
def run() -> None:
    """Migrate, then serve until Ctrl-C, which lets the worker finish what it has begun."""
    from streamlit.web import cli as streamlit

    migrate()
    port = str(config.settings().port)
    typer.echo(f"Vitrine is starting on http://localhost:{port} (Ctrl-C stops it)", err=True)
    os.environ["VITRINE_PORT"] = port
    app = str(Path(__file__).with_name("app.py"))
    with suppress(KeyboardInterrupt, Abort):  # how the server says that it was interrupted, once it has shut down
        streamlit.main(["run", app, "--server.port", port], prog_name="streamlit", standalone_mode=False)


@cli.command()
def create_user(
    email: str,
    password: Annotated[str, typer.Option(help="Asked for when not given.", prompt=True, hide_input=True)],
    role: Annotated[Role, typer.Option()] = Role.USER,
    tier: Annotated[Tier, typer.Option()] = Tier.FREE,
    credits: Annotated[int, typer.Option(help="Given besides the welcome credits.", min=0)] = 0,
) -> None:
    """Make an account, of any role."""
    from services.accounts import registration

    actor = registration.create_user(email, password, role=role, tier=tier, credits=credits)
    typer.echo(actor.id)


@cli.command()
def create_api_key(
    email: str,
    name: Annotated[str, typer.Option()] = "command line",
    scopes: Annotated[str, typer.Option(help="Comma separated: read, write, billing, admin.")] = "read,write",
) -> None:
    """Make an API key for an account and print only the key."""
    from services.accounts import api_keys, registration

    actor = registration.actor_for_email(email)
    made = api_keys.create_api_key(actor, name, [scope.strip() for scope in scopes.split(",") if scope.strip()])
    typer.echo(made.secret)


@cli.command()
def verify_ledger() -> None:
    """Prove the books: exit 1 and a list if anything is off."""
    from services.credits.verify import verify_ledger as prove

    discrepancies = prove()
    for found in discrepancies:
        typer.echo(f"{found.kind}: {found.subject}: {found.detail}")
    typer.echo("The ledger is sound." if not discrepancies else f"Discrepancies: {len(discrepancies)}.", err=True)
    raise typer.Exit(1 if discrepancies else 0)


@cli.command()
def seed_demo(
    days: Annotated[int, typer.Option(help="How long the other shops have been there.", min=1, max=365)] = 60,
    shops: Annotated[int, typer.Option(help="How many other shops there are.", min=0, max=500)] = 46,
    products: Annotated[int, typer.Option(help="How many products of its past the demo shop has.", min=0, max=6)] = 6,
) -> None:
    """Fill a fresh installation with a demo: a shop of drawn products, the past of other shops, and staff."""
    from db.migrations.runner import upgrade
    from services.demo.seed import LOGINS, seed

    upgrade()
    typer.echo("Making the demo world: about half a minute, once.", err=True)
    made = seed(days=days, others=shops, earlier=products)
    for login in LOGINS:
        there = "" if made else " (was there already)"
        typer.echo(f"Sign in as {login.email} with the password {login.password}: {login.role}{there}", err=True)


@cli.command()
def rebuild_figures() -> None:
    """Compute the daily figures of the staff's analytics again from the raw rows."""
    from services.insights import rollup

    typer.echo(f"Days computed: {rollup.rebuild()}.")


@cli.command()
def replay_events(
    consumer: Annotated[str, typer.Argument(help="Who reads again: inbox, batch_completion, …")],
    since: Annotated[datetime | None, typer.Option(help="Only what happened from then on (UTC).")] = None,
) -> None:
    """Have a consumer of events read again what it has read: what it does with an event a second time changes nothing
    that is right already. Workers do it as soon as they next look, in a minute at most."""
    from services.events.consumers import replay

    replay(consumer, since.replace(tzinfo=UTC) if since else None)
    typer.echo(f"{consumer} reads again from {since or 'the oldest event that is kept'}.")


@cli.command()
def sweep() -> None:
    """Do the daily cleaning now: lapsed credits, expired pictures, old trash, files that belong to no picture."""
    from services.jobs.cleaning import clean

    done = clean()
    typer.echo(f"Removed: credits {done.credits}, pictures {done.pictures}, leftover files {done.files}.")


@cli.command()
def model() -> None:
    """Fetch the cut-out model now, if it is not here, instead of leaving it to the first worker."""
    from services.studio.ondevice import model_files

    current = config.settings()
    wanted = current.cutout_model
    name = model_files.DEFAULT_MODEL if wanted in ("auto", "built-in") else wanted
    home = current.models_dir or Path()
    told = 0

    def tell(received: int, total: int | None) -> None:
        nonlocal told
        if total and (tenths := 10 * received // total) > told:
            told = tenths
            typer.echo(f"{name}: {10 * tenths} % of {total / 1024 / 1024:.0f} MB", err=True)

    try:
        if name not in model_files.MODELS:
            raise model_files.FetchFailed(f"The model {name} cannot be fetched (VITRINE_CUTOUT_MODEL).")
        with model_files.only_one_fetches(home):
            if model_files.model_file(name, home) is None:
                model_files.fetch(name, home, current.models_url, tell)
    except (model_files.FetchFailed, OSError) as fault:
        typer.echo(f"{fault} Until it is here, pictures are cut out by the built-in method.", err=True)
        raise typer.Exit(1) from fault
    typer.echo(f"{name} is in {home}.", err=True)


@cli.command()
def doctor() -> None:
    """Say what this installation has and lacks; exit 1 if it cannot work."""
    from db.connection import is_reachable
    from services.engine import workers
    from services.library import storage
    from services.studio.ondevice.model_files import MODELS, OWN_MODELS, model_file

    current = config.settings()
    models = [name for name in (*MODELS, *sorted(OWN_MODELS)) if model_file(name, current.models_dir or Path())]
    database = is_reachable()
    stored = storage.is_reachable()
    alive = database and workers.any_alive()
    kind = "SQLite" if current.is_sqlite else "PostgreSQL"
    typer.echo(f"database   {'ok' if database else 'NOT REACHABLE'} ({kind})")
    typer.echo(f"storage    {'ok' if stored else 'NOT REACHABLE'} ({current.storage_url.split('://')[0]})")
    typer.echo(f"worker     {'alive' if alive else 'none alive'}")
    typer.echo(f"cut-out    {', '.join(models) or 'built-in (no model file in the models folder)'}")
    typer.echo(f"mode       {current.env}, port {current.port}")
    raise typer.Exit(0 if database and stored else 1)


@cli.command()
def process(
    photos: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    recipe: Annotated[str, typer.Option(help="A built-in recipe's name or a JSON file.")],
    out: Annotated[Path, typer.Option(help="Folder for the results.", file_okay=False)],
) -> None:
    """Run a recipe on photos without a server, account or price."""
    from services.batches import local_files
    from services.studio import recipes

    path = Path(recipe)
    known = recipes.BUILT_IN_RECIPES
    if recipe not in known and not path.is_file():
        raise typer.BadParameter(f"'{recipe}' is neither a file nor one of: {', '.join(known)}.")
    parsed = recipes.parse_recipe(json.loads(path.read_text())) if recipe not in known else known[recipe].recipe
    failed = 0
    for result in local_files.process_files(photos, parsed, out):
        failed += result.error is not None
        typer.echo(f"{result.source.name}: {result.error or result.target}")
    raise typer.Exit(1 if failed else 0)


def main() -> None:
    """Run the command line; an expected error is a sentence on standard error and exit 1."""
    from services import bootstrap
    from services.insights.logs import configure_logs

    try:
        configure_logs(bootstrap.start())
        cli()
    except ServiceError as error:
        details = "".join(f"\n  {item.field}: {item.message}" for item in error.errors)
        typer.echo(error.message + details, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
