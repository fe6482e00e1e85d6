"""The panel's settings: `KODO_…` in the environment, then `.env`, then these defaults."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """All settings. Durations are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="KODO_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = Field(Path("data"), description="Folder of the database, the secrets and files.")
    database: str = Field("", description="SQLAlchemy URL; SQLite in the data folder by default.")
    host: str = Field("127.0.0.1", description="Address that the panel listens on.")
    port: int = Field(3370, ge=1, le=65535, description="Port that the panel listens on.")
    admin_password: SecretStr | None = Field(
        None, description="Password of the first user, admin; needed off loopback."
    )
    ray_address: str = Field("auto", description="Address of Ray's head (host:port), or auto.")
    ray_cpus: int = Field(
        0, ge=0, description="Logical CPUs of the Ray that koco start starts; 0 for 8 or more."
    )
    dashboard_url: str = Field("", description="Where Ray's dashboard answers; found if empty.")
    namespace: str = Field("kodosumi", description="Ray namespace of runners and mailbox.")
    serve_url: str = Field("http://127.0.0.1:8001", description="Where Ray Serve answers HTTP.")
    register_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias="KODO_REGISTER", description="More services: URLs with commas between."
    )
    standby: int = Field(1, ge=0, description="Runners that services keep ready; read by them.")
    standby_idle: float = Field(1800, ge=0, description="Time after a launch that they wait.")
    spooler: bool = Field(default=True, description="Run the spooler in the panel's process.")
    refresh: float = Field(3.0, gt=0, description="Time between two looks at the services.")
    cancel_grace: float = Field(10.0, ge=0, description="Time between cancel and kill.")
    session_idle: float = Field(12 * 3600, gt=0, description="Sign-out after this idle time.")
    session_age: float = Field(14 * 86400, gt=0, description="Sign-out after this time at last.")
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("register_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            msg = "use debug, info, warning or error"
            raise ValueError(msg)
        return value.lower()

    @model_validator(mode="after")
    def _password_off_loopback(self) -> Self:
        if not self.on_loopback and self.admin_password is None:
            msg = f"set KODO_ADMIN_PASSWORD: {self.host} can be reached from other machines"
            raise ValueError(msg)
        return self

    @property
    def on_loopback(self) -> bool:
        """True when only this machine can reach the panel."""
        return self.host in LOOPBACK

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database or f"sqlite+aiosqlite:///{self.data.resolve()}/kodosumi.db"
