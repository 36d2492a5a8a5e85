"""Which methods change something, and which fields name what they change: the table of the audit log.

A method that neither table names is audited, without names: a new one is told too much rather than forgotten.
"""

from dataclasses import dataclass

_DESIGN = "/langdesign.design.v1.DesignService/"
_EDITING = "/langdesign.editing.v1.EditingService/"
_TRAINING = "/langdesign.training.v1.TrainingService/"
_REGISTRY = "/langdesign.training.v1.RegistryService/"


@dataclass(frozen=True, slots=True)
class Audited:
    """What is told of a method's messages; dotted paths of string fields, repeated ones as lists.

    Attributes:
        asked: Fields of the request that name resources.
        answered: Fields of the responses that name resources; of a stream every distinct value.
        texts: Fields of the request that a person wrote, told where the settings allow it.
    """

    asked: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


MUTATING = {
    _DESIGN + "CreateDesign": Audited(("image.blob",), ("design.name",), ("title",)),
    _DESIGN + "UpdateDesign": Audited(("design.name", "update_mask.paths"), (), ("design.title",)),
    _DESIGN + "DeleteDesign": Audited(("name",)),
    _DESIGN + "UndeleteDesign": Audited(("name",)),
    _DESIGN + "ImportDesign": Audited((), ("design.name",)),
    _DESIGN + "CreateNodes": Audited(("parent", "model"), ("node.name",), ("instruction",)),
    _DESIGN + "CancelNode": Audited(("name",)),
    _DESIGN + "UpdateNode": Audited(("node.name", "update_mask.paths"), (), ("node.title", "node.note")),
    _DESIGN + "DeleteNode": Audited(("name",), ("nodes",)),
    _DESIGN + "UndeleteNode": Audited(("name",), ("nodes",)),
    _DESIGN + "MergeNodes": Audited(("base", "other"), ("node.name",)),
    _DESIGN + "ReplayNode": Audited(("name", "image.blob", "model"), ("made.name",)),
    _EDITING + "Edit": Audited(("image.blob", "model"), ("operation_id",), ("instruction", "caption")),
    _EDITING + "CancelEdit": Audited(("operation_id",)),
    # Changes no resource, and spends the tenant's money.
    "/langdesign.instruction.v1.InstructionService/GenerateTriples": Audited(("context",)),
    _TRAINING + "CreateRun": Audited(("recipe",), ("run.name",)),
    _TRAINING + "CancelRun": Audited(("name",)),
    _REGISTRY + "SetModelAlias": Audited(("version", "alias")),
    _REGISTRY + "DeleteModelAlias": Audited(("name",)),
    _REGISTRY + "PromoteModel": Audited(("version", "alias")),
    _REGISTRY + "RollBackModel": Audited(("name",), ("version.name",)),
}
"""By full method name, every method that changes state or spends."""

READING = frozenset(
    {_DESIGN + name for name in ("GetDesign", "ListDesigns", "WatchDesign", "ExportDesign", "PlanNode")}
    | {_DESIGN + name for name in ("GetNode", "ListNodes", "SearchNodes", "GetPicture", "CompareNodes")}
    | {_DESIGN + "BatchGetThumbnails"}
    | {_EDITING + name for name in ("WatchEdit", "GetEdit", "PlanEdit", "GetServedModels")}
    | {"/langdesign.instruction.v1.InstructionService/ListContexts"}
    | {"/langdesign.reference.v1.ReferenceService/PlanEdit"}
    | {"/langdesign.segmentation.v1.SegmentationService/Segment"}
    | {_TRAINING + name for name in ("GetRun", "ListRuns", "WatchRun")}
    | {_REGISTRY + name for name in ("ListModels", "ListModelVersions", "GetModelVersion")}
)
"""Full names of the methods that change nothing; told only where they are refused."""
