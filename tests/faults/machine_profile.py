"""How the state machines are run: always the same examples, so that a failure is of the change that shows it."""

from hypothesis import HealthCheck, settings


def same_each_time(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
