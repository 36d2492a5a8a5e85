"""What the service needs to start, told in one line where it is missing."""

import pytest
from langdesign_chassis.errors import StartError
from langdesign_chassis.testing import serving
from langdesign_instruction.settings import InstructionSettings
from langdesign_instruction.wiring import SERVICE, register


async def start(**options):
    settings = InstructionSettings(**options)
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE):
        pass


async def test_a_folder_of_contexts_that_is_missing_is_named(tmp_path):
    with pytest.raises(StartError, match=r"no folder .*none.*INSTRUCTION_CONTEXTS"):
        await start(contexts=tmp_path / "none")


async def test_a_context_with_a_mistake_is_named_with_file_and_field(tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "context.toml").write_text('format = "langdesign-context/1"\nname = "bad"\n')
    with pytest.raises(StartError, match=r"context\.toml, description"):
        await start(contexts=tmp_path)


async def test_a_language_model_that_is_chosen_needs_an_address(tmp_path):
    with pytest.raises(StartError, match="INSTRUCTION_LLM_BASE_URL"):
        await start(contexts=tmp_path, writer="language_model")


@pytest.mark.parametrize("bounds", [{}, {"budget_dollars": 0.0}, {"tenant_dollars": 0.0}])
async def test_bounds_in_dollars_need_prices(contexts, url, bounds):
    with pytest.raises(StartError, match=r"bound nothing without prices; give INSTRUCTION_LLM_READ_PRICE"):
        await start(contexts=contexts, llm_base_url=url, **bounds)


async def test_an_endpoint_that_is_free_starts_without_bounds_in_dollars(contexts, url, tmp_path):
    await start(
        contexts=contexts, llm_base_url=url, budget_dollars=0.0, tenant_dollars=0.0, spool=tmp_path / "spool"
    )
