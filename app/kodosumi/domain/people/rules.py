"""What can be taken as a name, a password, a role, an address."""

from kodosumi.domain.errors import InvalidError
from kodosumi.domain.people.models import Role, fold

NAME_MAX = 120
EMAIL_MAX = 254
PASSWORD_MIN = 8
PASSWORD_MAX = 256


def check_password(password: str) -> None:
    """Raise InvalidError on the field `password` unless it has 8 to 256 characters."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InvalidError({"password": [f"Use {PASSWORD_MIN} to {PASSWORD_MAX} characters."]})


def check_person(name: str, role: str, email: str) -> None:
    """Raise InvalidError on the fields `name`, `role` and `email` that cannot be taken."""
    wrong: dict[str, list[str]] = {}
    if not name.isprintable() or not 1 <= len(fold(name)) <= NAME_MAX:
        wrong["name"] = [f"Use 1 to {NAME_MAX} printable characters."]
    if role not in set(Role):
        wrong["role"] = [f"Use one of {', '.join(Role)}."]
    if email and ("@" not in email or not email.isprintable() or len(email) > EMAIL_MAX):
        wrong["email"] = ["Use an address like name@example.org, or none."]
    if wrong:
        raise InvalidError(wrong)
