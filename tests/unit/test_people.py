"""People: passwords, first admin, sign-in, sessions."""

import pytest
from argon2 import PasswordHasher
from panel_kit import FakeClock, empty_database
from sqlalchemy import func, select

from kodosumi.domain.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from kodosumi.domain.people.models import Role, User, UserSession
from kodosumi.domain.people.passwords import Passwords
from kodosumi.domain.people.people import People

IDLE, AGE = 3600.0, 10 * 3600.0
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class CountingHasher(PasswordHasher):
    """Records what each check would cost."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.costs: list[str] = []

    def verify(self, hash, password):  # noqa: A002
        self.costs.append(hash.split("$")[3])
        return super().verify(hash, password)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def db(tmp_path):
    async with empty_database(tmp_path) as db:
        yield db


def people_with(db, clock, hasher=CHEAP):
    return People(db, clock, session_idle=IDLE, session_age=AGE, passwords=Passwords(hasher))


@pytest.fixture
def people(db, clock):
    return people_with(db, clock)


async def row(db, name):
    async with db.session() as session:
        return await session.scalar(select(User).where(User.folded == name))


async def sessions(db):
    async with db.session() as session:
        return await session.scalar(select(func.count()).select_from(UserSession))


async def test_sign_in_out_and_names_in_any_case(people, db):
    await people.add("  Änne Muster ", "correct horse", Role.OPERATOR, "anne@example.org")
    cookie = await people.sign_in("änne MUSTER", "correct horse", "Firefox")
    user = await people.by_session(cookie)
    assert user is not None
    assert (user.name, user.role) == ("Änne Muster", Role.OPERATOR)
    async with db.session() as session:
        stored = await session.scalar(select(UserSession.id_hash))
    assert cookie not in stored
    await people.sign_out(cookie)
    assert await people.by_session(cookie) is None


async def test_refusals_are_alike_and_cost_alike(db, clock):
    hasher = CountingHasher()
    people = people_with(db, clock, hasher)
    await people.add("ann", "correct horse")
    await people.add("dora", "correct horse")
    await people.disable("dora")
    said = set()
    for name in ("ann", "nobody", "dora", "", "\x00", "\ud800"):
        with pytest.raises(NotAllowedError) as refusal:
            await people.sign_in(name, "wrong\ud800" if name != "dora" else "correct horse")
        said.add(str(refusal.value))
    assert len(said) == 1
    assert hasher.costs == ["m=8,t=1,p=1"] * 6
    assert await sessions(db) == 0


async def test_a_hash_of_older_strength_is_renewed_at_sign_in(people, db, clock):
    await people.add("ann", "correct horse")
    before = (await row(db, "ann")).password
    stronger = people_with(db, clock, PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    with pytest.raises(NotAllowedError):
        await stronger.sign_in("ann", "wrong horse")
    assert (await row(db, "ann")).password == before
    await stronger.sign_in("ann", "correct horse")
    after = (await row(db, "ann")).password
    assert "t=2" in after
    await stronger.sign_in("ann", "correct horse")
    assert (await row(db, "ann")).password == after


async def test_default_hashes_are_argon2id():
    hashed = await Passwords().hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await Passwords().verify(hashed, "correct horse")
    assert not await Passwords().verify(None, "correct horse")


async def test_idle_limit_moves_with_use_and_the_absolute_one_does_not(people, clock):
    await people.add("ann", "correct horse")
    cookie = await people.sign_in("ann", "correct horse")
    start = clock.at
    while clock.at + IDLE - 1 < start + AGE:
        clock.at += IDLE - 1
        assert await people.by_session(cookie) is not None
    clock.at = start + AGE
    assert await people.by_session(cookie) is None
    idle = await people.sign_in("ann", "correct horse")
    clock.at += IDLE
    assert await people.by_session(idle) is None


async def test_use_is_noted_at_most_once_a_minute(people, db, clock):
    await people.add("ann", "correct horse")
    cookie = await people.sign_in("ann", "correct horse")
    start, noted = clock.at, []
    for second in (1, 59, 60, 61, 119, 120):
        clock.at = start + second
        await people.by_session(cookie)
        async with db.session() as session:
            noted.append(await session.scalar(select(UserSession.seen_at)) - start)
    assert noted == [0, 0, 60, 60, 60, 120]


async def test_sign_in_ends_the_previous_session_and_sweep_removes_dead_ones(people, db, clock):
    await people.add("ann", "correct horse")
    first = await people.sign_in("ann", "correct horse")
    second = await people.sign_in("ann", "correct horse", previous=first)
    assert first != second
    assert await people.by_session(first) is None
    clock.at += IDLE
    third = await people.sign_in("ann", "correct horse")
    await people.sweep()
    assert await sessions(db) == 1
    assert await people.by_session(third) is not None


@pytest.mark.parametrize("change", ["password", "disable"])
async def test_a_new_password_and_disabling_end_all_sessions(people, db, change):
    await people.add("ann", "correct horse")
    cookie = await people.sign_in("ann", "correct horse")
    if change == "password":
        await people.set_password("ANN", "battery staple")
        await people.sign_in("ann", "battery staple")
    else:
        await people.disable("ANN")
        await people.enable("ann")
        await people.sign_in("ann", "correct horse")
    assert await people.by_session(cookie) is None


async def test_what_cannot_be_taken_is_said_by_field(people):
    with pytest.raises(InvalidError) as wrong:
        await people.add(" \t", "long enough", "boss", "nowhere")
    assert set(wrong.value.fields) == {"name", "role", "email"}
    for password in ("1234567", "x" * 257):
        with pytest.raises(InvalidError) as wrong:
            await people.add("ann", password)
        assert set(wrong.value.fields) == {"password"}
    await people.add("Ann", "12345678")
    with pytest.raises(ConflictError, match="ann is taken"):
        await people.add("ann", "12345678")
    with pytest.raises(NotFoundError, match="bob"):
        await people.set_password("bob", "12345678")
    assert [user.name for user in await people.list()] == ["Ann"]


async def test_the_last_admin_stays(people):
    await people.add("ann", "correct horse", Role.ADMIN)
    with pytest.raises(ConflictError, match="last active admin"):
        await people.disable("ann")
    await people.sign_in("ann", "correct horse")
    await people.add("bob", "correct horse", Role.ADMIN)
    await people.disable("ann")
    with pytest.raises(NotAllowedError):
        await people.sign_in("ann", "correct horse")


async def test_first_admin_has_the_default_password_on_loopback_only(people):
    with pytest.raises(ConflictError, match="KODO_ADMIN_PASSWORD"):
        await people.ensure_first_admin(None, on_loopback=False)
    with pytest.raises(ConflictError, match="KODO_ADMIN_PASSWORD"):
        await people.ensure_first_admin("admin", on_loopback=False)
    assert await people.list() == []
    await people.ensure_first_admin(None, on_loopback=True)
    assert await people.default_password_in_use()
    await people.sign_in("admin", "admin")
    with pytest.raises(ConflictError, match="KODO_ADMIN_PASSWORD"):
        await people.ensure_first_admin(None, on_loopback=False)
    await people.set_password("admin", "correct horse")
    assert not await people.default_password_in_use()
    await people.ensure_first_admin(None, on_loopback=False)


async def test_the_setting_replaces_the_default_but_no_chosen_password(people):
    await people.ensure_first_admin(None, on_loopback=True)
    await people.ensure_first_admin("from the setting", on_loopback=False)
    await people.sign_in("admin", "from the setting")
    assert not await people.default_password_in_use()
    await people.ensure_first_admin("a later setting", on_loopback=False)
    await people.sign_in("admin", "from the setting")
    assert len(await people.list()) == 1


async def test_somebody_else_is_enough_and_a_short_setting_is_refused(people):
    with pytest.raises(InvalidError):
        await people.ensure_first_admin("short", on_loopback=True)
    await people.add("ann", "correct horse", Role.ADMIN)
    await people.ensure_first_admin("from the setting", on_loopback=True)
    assert [user.name for user in await people.list()] == ["ann"]
