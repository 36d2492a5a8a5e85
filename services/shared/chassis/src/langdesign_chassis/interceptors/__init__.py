"""The layers that every call passes, outermost first."""

from langdesign_chassis.interceptors.audit import Audit
from langdesign_chassis.interceptors.auth import Auth
from langdesign_chassis.interceptors.deadline import DeadlineLayer
from langdesign_chassis.interceptors.errors import Errors
from langdesign_chassis.interceptors.layer import Layer
from langdesign_chassis.interceptors.leftovers import Leftovers
from langdesign_chassis.interceptors.limits import Limits
from langdesign_chassis.interceptors.telemetry import Telemetry
from langdesign_chassis.interceptors.validation import Validation

__all__ = [
    "Audit",
    "Auth",
    "DeadlineLayer",
    "Errors",
    "Layer",
    "Leftovers",
    "Limits",
    "Telemetry",
    "Validation",
]
