"""Whether each statement of a model's summary stands in the evidence it names. Pure, and without any model.

It can show that a statement says more than its evidence; it cannot show that a statement is true.
"""

from gateway.checking.check import check
from gateway.checking.findings import Checked, Finding, Reason
from gateway.checking.treatment import treated

__all__ = ["Checked", "Finding", "Reason", "check", "treated"]
