"""What proves who asks, and where it goes."""

from __future__ import annotations

import pytest

from datahub.errors import DefinitionError, InputError
from datahub.sources.access import Authentication, Paging, Web
from tests.sources.api import ALL, ITEMS, Api, ids, reply


@pytest.mark.parametrize(
    ("authentication", "header", "value"),
    [
        (Authentication("bearer", "DATAHUB_SECRET_SHOP"), "authorization", "Bearer s3cret"),
        (Authentication("basic", "DATAHUB_SECRET_SHOP", user="me"), "authorization", "Basic bWU6czNjcmV0"),
        (Authentication("header", "DATAHUB_SECRET_SHOP", header="X-Key"), "x-key", "s3cret"),
    ],
)
def test_secrets_come_from_the_environment(api: Api, authentication: Authentication, header: str, value: str) -> None:
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS})
    web = Web(api.base + "/items", authentication=authentication, headers=(("Accept-Language", "fr"),))
    assert ids(web, environ={"DATAHUB_SECRET_SHOP": "s3cret"}) == ALL
    assert api.asked[0][1][header] == value
    assert api.asked[0][1]["accept-language"] == "fr"


def test_a_mapping_learns_no_other_variable_and_absent_ones_are_told(api: Api) -> None:
    with pytest.raises(DefinitionError):
        ids(Web(api.base + "/", authentication=Authentication("bearer", "PATH")), environ={"PATH": "x"})
    with pytest.raises(InputError) as refused:
        ids(Web(api.base + "/", authentication=Authentication("bearer", "DATAHUB_SECRET_X")))
    assert "DATAHUB_SECRET_X" in refused.value.message.fr
    assert api.asked == []


def test_a_redirect_is_followed_and_secrets_stay_at_home(api: Api) -> None:
    other = Api()
    other.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS})
    api.routes["/old"] = lambda to, _: reply(to, {}, 302, Location=other.base + "/items")
    web = Web(api.base + "/old", authentication=Authentication("bearer", "DATAHUB_SECRET_SHOP"))
    assert ids(web, environ={"DATAHUB_SECRET_SHOP": "s3cret"}) == ALL
    assert "authorization" in api.asked[0][1]
    assert "authorization" not in other.asked[0][1]
    other.server.shutdown()
    other.server.server_close()


@pytest.mark.parametrize("way", ["header", "member"])
def test_a_following_page_of_another_host_gets_no_secret(api: Api, way: str) -> None:
    """An answer can name any address as its next page: that host would learn the secret."""
    other = Api()
    other.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS[3:]})
    following = other.base + "/items"
    link = {"Link": f'<{following}>; rel="next"'} if way == "header" else {}
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS[:3], "next": following}, **link)
    paging = Paging(next_link=True) if way == "header" else Paging(next_member="next")
    secret = Authentication("header", "DATAHUB_SECRET_SHOP", header="X-Key")
    web = Web(api.base + "/items", paging, secret, headers=(("X-Tenant", "shop"),))
    assert ids(web, environ={"DATAHUB_SECRET_SHOP": "s3cret"}) == ALL
    assert api.asked[0][1]["x-key"] == "s3cret"
    assert not {"x-key", "x-tenant"} & set(other.asked[0][1])
    other.server.shutdown()
    other.server.server_close()


@pytest.mark.parametrize("secret", ["s3cret\n", " s3cret "])
def test_the_line_end_that_a_file_puts_behind_a_secret_is_left_out(api: Api, secret: str) -> None:
    api.routes["/items"] = lambda to, _: reply(to, {"items": ITEMS})
    web = Web(api.base + "/items", authentication=Authentication("bearer", "DATAHUB_SECRET_SHOP"))
    assert ids(web, environ={"DATAHUB_SECRET_SHOP": secret}) == ALL
    assert api.asked[0][1]["authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("secret", ["clé", "a\nb", "\n"])
def test_a_secret_that_no_header_can_hold_is_told_and_not_shown(api: Api, secret: str) -> None:
    web = Web(api.base + "/items", authentication=Authentication("bearer", "DATAHUB_SECRET_SHOP"))
    with pytest.raises(InputError) as refused:
        ids(web, environ={"DATAHUB_SECRET_SHOP": secret})
    assert refused.value.code == "web-secret"
    assert "DATAHUB_SECRET_SHOP" in refused.value.message.fr
    assert "clé" not in refused.value.to("en")
    assert api.asked == []
