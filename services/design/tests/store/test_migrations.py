"""The tables: made as the code reads them, kept when they are rebuilt, and holding the tree's shape."""

import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from langdesign_database import migrate, open_database
from langdesign_database.testing import described
from langdesign_design.tables import DESIGNS, METADATA, MIGRATIONS, NODES
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

REBUILDING = '''"""Rebuild the nodes, as a later revision may have to."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("nodes", recreate="auto") as batch:
        batch.add_column(sa.Column("later", sa.Text, nullable=False, server_default=""))
        batch.alter_column("merged", existing_type=sa.String(64), type_=sa.Text)


def downgrade() -> None:
    with op.batch_alter_table("nodes", recreate="auto") as batch:
        batch.alter_column("merged", existing_type=sa.Text, type_=sa.String(64))
        batch.drop_column("later")
'''


def opened(address, migrations=MIGRATIONS, tables=None):
    return open_database(
        address, migrations=migrations, setting="DESIGN_DATABASE", exclusive=False, tables=tables
    )


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), METADATA)


async def everything(caller, design):
    return [*await caller.all_nodes(design), *await caller.all_nodes(design, deleted=True)]


async def to(engine, revision, migrations=MIGRATIONS):
    async with engine.connect() as connection:
        await connection.run_sync(migrate, migrations, revision)


async def test_the_migrations_make_the_tables_that_the_code_reads(address):
    async with opened(address) as engine:
        for revision in ("head", "base", "head"):
            await to(engine, revision)
        async with engine.begin() as connection:
            assert not await connection.run_sync(differences)


async def test_an_empty_database_gets_the_tables_that_the_migrations_make(address):
    async with opened(address, tables=METADATA) as engine:
        async with engine.begin() as connection:
            made = await connection.run_sync(described)
        for revision in ("base", "head"):
            await to(engine, revision)
        async with engine.begin() as connection:
            assert await connection.run_sync(described) == made


async def test_a_filled_tree_outlives_a_rebuild_of_its_tables(address, drafts, opened_store, tmp_path):
    async with opened_store(address) as store:
        caller = drafts.caller(store)
        design, root = await caller.design()
        chain = await caller.chain(root, 4)
        await caller.delete(chain[3])
        before = await everything(caller, design)
    migrations = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, migrations)
    (migrations / "versions" / "r9999_later.py").write_text(REBUILDING)
    async with opened(address, migrations) as engine:
        for revision in ("0001", "9999", "0001"):
            await to(engine, revision, migrations)
        async with engine.begin() as connection:
            assert not await connection.run_sync(differences)
            count = select(func.count()).select_from(NODES)
            assert await connection.scalar(count) == len(before) == 5
    async with opened_store(address) as store:
        assert await everything(drafts.caller(store), design) == before
        path = await store.path("acme", design.id, chain[4].id)
        assert [node.id for node in path] == [node.id for node in chain]


async def test_the_schema_refuses_what_is_no_tree(caller, other, transactions):
    design, root = await caller.design()
    node = await caller.edit(root)
    _, elsewhere = await caller.design()
    foreign, _ = await other.design()
    this = update(NODES).where(NODES.c.id == node.id)
    row = (await transactions.run(lambda connection: connection.execute(select(NODES)).all()))[0]._asdict()
    for statement in (
        this.values(parent=elsewhere.id),
        this.values(parent="none"),
        this.values(parent=None),
        this.values(tenant="umbra"),
        this.values(design=foreign.id),
        this.values(depth=0),
        this.values(number=1),
        this.values(state="lost"),
        this.values(state="running"),
        this.values(pixels=None),
        this.values(delete_time=1),
        update(NODES).where(NODES.c.id == root.id).values(delete_time=1, deletion="x"),
        delete(NODES).where(NODES.c.id == root.id),
        delete(DESIGNS).where(DESIGNS.c.id == design.id),
        insert(NODES).values({**row, "id": "second-root", "number": 99}),
    ):
        with pytest.raises(IntegrityError):
            await transactions.run(lambda connection, sql: connection.execute(sql), statement)
    assert await caller.get(node) == node
