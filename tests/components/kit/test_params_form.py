"""A form drawn from parameters: what each kind of them becomes, and what comes back."""

from typing import Any

from streamlit.testing.v1 import AppTest

from components.kit.params_fields import params_fields
from services.studio.operations import registry


def _draw() -> None:
    """The script of the screen under test: it runs apart from this module."""
    from typing import Annotated, Literal

    import streamlit as st
    from pydantic import Field

    from components.kit.kept import Kept
    from components.kit.params_form import Pictures, params_form
    from services.studio.operations.contract import AssetId, HexColor, Params, form

    class Frame(Params):
        color: HexColor = "#102030"
        width: int = Field(20, ge=0, le=100, json_schema_extra=form(unit="px"))

    class Everything(Params):
        strength: float = Field(0.7, ge=0, le=1, title="How far to go", json_schema_extra=form(percent=True, step=0.05))
        angle: float = Field(0.0, ge=-15, le=15, json_schema_extra=form(step=0.5, unit="°"))
        copies: int = Field(3, ge=1)
        kind: Literal["soft", "hard"] = Field("soft", json_schema_extra=form(words={"soft": "Soft edge"}))
        month: Literal["jan", "feb", "mar", "apr", "may"] = "feb"
        fancy_frame: Frame | None = None
        tint: HexColor | None = None
        behind: AssetId | None = None
        white_balance: bool = Field(True, description="Take a colour cast out.")
        words: Annotated[str, Field(max_length=12)] = ""
        secret: str = Field("x", json_schema_extra=form(hidden=True))

    schema = Everything.model_json_schema()
    values = params_form(schema, {"copies": 4}, key="form", kept=Kept(), pictures=Pictures((("ast_1", "mug.jpg"),)))
    st.session_state["seen"] = values
    Everything.model_validate(values)


def _seen(screen: AppTest) -> dict[str, Any]:
    assert not screen.exception
    found: dict[str, Any] = screen.session_state["seen"]
    return found


def test_every_kind_of_parameter_has_its_widget_and_starts_at_its_default() -> None:
    screen = AppTest.from_function(_draw).run()
    assert _seen(screen) == {
        "strength": 0.7,
        "angle": 0.0,
        "copies": 4,
        "kind": "soft",
        "month": "feb",
        "white_balance": True,
        "words": "",
    }
    assert [one.label for one in screen.slider] == ["How far to go", "Angle"]
    assert [one.label for one in screen.checkbox] == ["Fancy frame", "Tint", "White balance"]
    assert screen.checkbox[-1].help == "Take a colour cast out."
    assert [one.label for one in screen.selectbox] == ["Month", "Behind"]
    assert screen.selectbox[1].options == ["None", "mug.jpg"]


def test_what_a_person_sets_comes_back_in_the_parameters_own_units() -> None:
    screen = AppTest.from_function(_draw).run()
    screen.slider[0].set_value(35)
    screen.checkbox[0].check()
    screen.checkbox[1].check()
    screen.selectbox[1].set_value("ast_1")
    screen.text_input[0].set_value("matte")
    seen = _seen(screen.run())
    assert (seen["strength"], seen["behind"], seen["words"]) == (0.35, "ast_1", "matte")
    assert seen["fancy_frame"] == {"color": "#102030", "width": 20}
    assert seen["tint"] == "#000000"


def test_what_a_person_sets_outlasts_a_run_that_does_not_draw_the_form() -> None:
    def draw() -> None:
        import streamlit as st

        from components.kit.kept import Kept
        from components.kit.params_form import params_form
        from services.studio.operations.registry import operation

        kept = st.session_state.setdefault("kept", Kept())
        schema = operation("enhance").params.model_json_schema()
        if not st.checkbox("Elsewhere"):
            st.session_state["seen"] = params_form(schema, {}, key="form", kept=kept)

    screen = AppTest.from_function(draw).run()
    screen.slider[0].set_value(35)
    screen.checkbox[1].uncheck()
    screen.checkbox[0].check().run()
    assert len(screen.slider) == 0
    screen.checkbox[0].uncheck().run()
    seen = _seen(screen)
    assert (seen["strength"], seen["white_balance"], seen["exposure"]) == (0.35, False, True)
    assert screen.slider[0].value == 35


def test_a_picture_named_before_stays_chosen_where_it_is_not_among_those_offered() -> None:
    def draw() -> None:
        import streamlit as st

        from components.kit.kept import Kept
        from components.kit.params_form import Pictures, params_form

        schema = {"properties": {"behind": {"type": "string", "format": "asset-id"}}}
        st.session_state["seen"] = params_form(
            schema, {"behind": "ast_2"}, key="form", kept=Kept(), pictures=Pictures((("ast_1", "mug.jpg"),))
        )

    screen = AppTest.from_function(draw).run()
    assert _seen(screen) == {"behind": "ast_2"}
    assert screen.selectbox[0].options == ["mug.jpg", "The picture chosen before"]


def test_every_parameter_of_every_operation_can_be_drawn_or_is_hidden() -> None:
    for operation in registry.operations():
        schema = operation.params.model_json_schema()
        hidden = {name for name, one in schema["properties"].items() if one.get("x-form", {}).get("hidden")}
        assert {field.name for field in params_fields(schema)} == set(schema["properties"]) - hidden, operation.id


def test_a_browser_that_missed_the_first_run_still_learns_what_each_widget_starts_at() -> None:
    """A run that the next one cuts short may never reach the browser. A widget drawn empty then reports its emptiness,
    which would count as a person's choice."""
    later = AppTest.from_function(_draw).run().run()
    soft = later.get("button_group")[0].proto
    assert [soft.options[at].content for at in soft.default] == ["Soft edge"]
    assert [round(at) for at in later.slider[0].proto.default] == [70]
    assert later.number_input[0].proto.default == 4
    assert later.selectbox[0].proto.default == 1
    assert later.checkbox[-1].proto.default is True
