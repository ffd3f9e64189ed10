"""The assessment of a period: one function that page, paper, API and notebook call, and what it gives."""

from dashboards.phase.door import gathered_for, phase_assessment
from dashboards.phase.question import Question, QuestionRefused, question_of

__all__ = ["Question", "QuestionRefused", "gathered_for", "phase_assessment", "question_of"]
