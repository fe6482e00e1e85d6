"""The access rule, for the whole cast, in Python and in SQL."""

import pytest
from panel_kit import empty_database
from sqlalchemy import select

from kodosumi.domain.access import Action, may, visible_jobs
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.people.models import Role, User

OWNER, STRANGER, AUDITOR, OPERATOR, ADMIN, DISABLED = CAST = [
    User(id=id_, name=name, password="", role=role, active=active, created_at=0)
    for id_, name, role, active in (
        (1, "owner", Role.MEMBER, True),
        (2, "stranger", Role.MEMBER, True),
        (3, "auditor", Role.AUDITOR, True),
        (4, "operator", Role.OPERATOR, True),
        (5, "admin", Role.ADMIN, True),
        (6, "disabled", Role.ADMIN, False),
    )
]
JOB, ORPHAN = Job(id="j1", owner_id=1, created_at=0), Job(id="j2", owner_id=None, created_at=0)


@pytest.mark.parametrize(
    ("action", "thing", "allowed"),
    [
        (Action.SEE, JOB, {OWNER, AUDITOR, OPERATOR, ADMIN}),
        (Action.SEE, ORPHAN, {AUDITOR, OPERATOR, ADMIN}),
        (Action.SEE, Service(id="s"), {OWNER, STRANGER, AUDITOR, OPERATOR, ADMIN}),
        (Action.LAUNCH, Service(id="s"), {OWNER, STRANGER, OPERATOR, ADMIN}),
        (Action.CHANGE, JOB, {OWNER, OPERATOR, ADMIN}),
        (Action.CHANGE, ORPHAN, {OPERATOR, ADMIN}),
        (Action.CHANGE, None, {OPERATOR, ADMIN}),
        (Action.OPERATE, JOB, {OPERATOR, ADMIN}),
        (Action.ADMINISTER, None, {ADMIN}),
    ],
)
def test_who_may(action, thing, allowed):
    assert {user for user in CAST if may(user, action, thing)} == allowed
    assert not may(None, action, thing)


def test_an_auditor_changes_nothing_even_of_his_own():
    mine = Job(id="j3", owner_id=AUDITOR.id, created_at=0)
    assert may(AUDITOR, Action.SEE, mine)
    assert not may(AUDITOR, Action.CHANGE, mine)


async def test_the_sql_twin_agrees(tmp_path):
    async with empty_database(tmp_path) as db:
        async with db.transaction() as session:
            session.add(User(id=1, name="owner", password="", created_at=0))
            await session.flush()
            session.add_all(
                [Job(id="j1", owner_id=1, created_at=0), Job(id="j2", owner_id=None, created_at=0)]
            )
        for user in CAST:
            async with db.session() as session:
                query = select(Job).where(visible_jobs(user))
                seen = {job.id for job in await session.scalars(query)}
            assert seen == {job.id for job in (JOB, ORPHAN) if may(user, Action.SEE, job)}
