"""Names of the HTTP headers between panel and services."""

LAUNCH = "kodosumi_launch"
"""Answer of a launch: the job's id. The name is 1.x's."""

RUNNER = "kodosumi_runner"
"""Answer of a launch: the name of the actor that runs the job."""

JOB = "x-kodosumi-job"
"""Request: the id that the panel has chosen for the job."""

USER = "x-kodosumi-user"
"""Request: the name of the person who asks."""

PREFIX = "x-kodosumi-prefix"
"""Request: the path under which the panel shows the service."""

BASE = "x-kodosumi-base"
"""Request: the address at which the panel reaches the service."""
