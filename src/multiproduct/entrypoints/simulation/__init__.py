"""The business time machine: years of customers' behaviour over the real use cases, on a clock of its own."""

from multiproduct.entrypoints.simulation.behaviour import Behaviour
from multiproduct.entrypoints.simulation.passing_time import PassingTime
from multiproduct.entrypoints.simulation.report import Month, Report
from multiproduct.entrypoints.simulation.running import Plan, Simulation
from multiproduct.entrypoints.simulation.surroundings import simulated

__all__ = ["Behaviour", "Month", "PassingTime", "Plan", "Report", "Simulation", "simulated"]
