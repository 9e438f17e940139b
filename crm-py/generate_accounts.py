"""What `generate.py` writes of accounts: the class in both facades, and the types of the native one."""

from __future__ import annotations

from collections.abc import Callable

ACCOUNTS = [
    ("migrate", "", "None", "Makes or updates the tables of accounts. What is up to date is left alone.", "self._native.migrate()", None),
    (
        "register",
        "email: str, name: str, password: str, organization: CreateOrganization, *, username: str | None = None",
        "_accounts.Founded",
        "Makes an account and its first organisation, in one commit.",
        'self._native.register({"email": email, "name": name, "password": password, "username": username}, organization._fields)',
        "_accounts.founded({})",
    ),
    (
        "create",
        "email: str, name: str, password: str, *, username: str | None = None",
        "_accounts.Account",
        "Makes an account without an organisation: for somebody who is to become a member of one.",
        'self._native.create({"email": email, "name": name, "password": password, "username": username})',
        "_accounts.account({})",
    ),
    (
        "bring_in",
        "email: str, name: str, hash: str, *, username: str | None = None, id: UUID | None = None, "
        "active: bool = True, created_at: datetime | None = None",
        "_accounts.Account",
        "Brings in an account from elsewhere, with the hash of its password: argon2id or bcrypt.",
        'self._native.bring_in({"email": email, "name": name, "hash": hash, "username": username, "id": id, '
        '"active": active, "created_at": created_at})',
        "_accounts.account({})",
    ),
    (
        "login",
        "name: str, password: str",
        "_accounts.Entered",
        "Lets somebody in, by e-mail address or username, and password.",
        "self._native.login(name, password)",
        "_accounts.entered({})",
    ),
    (
        "refresh",
        "token: str",
        "_accounts.Tokens",
        "New tokens for a refresh token, which is good for nothing from then on.",
        "self._native.refresh(token)",
        "_accounts.tokens({})",
    ),
    ("logout", "token: str", "None", "Ends the log-in of a refresh token.", "self._native.logout(token)", None),
    (
        "logout_everywhere",
        "user: UUID",
        "None",
        "Ends every log-in of a user.",
        "self._native.logout_everywhere(user)",
        None,
    ),
    (
        "authenticate_fresh",
        "token: str",
        "_accounts.Account",
        "The account that an access token is about, as it is now; only if its credentials are still those of the token.",
        "self._native.authenticate_fresh(token)",
        "_accounts.account({})",
    ),
    (
        "change_password",
        "user: UUID, present: str, new: str",
        "None",
        "Gives a user another password who knows the present one. Every token is revoked.",
        "self._native.change_password(user, present, new)",
        None,
    ),
    (
        "set_password",
        "user: UUID, password: str",
        "None",
        "Gives an account another password, by an administrator. A lock is taken off, and every token is revoked.",
        "self._native.set_password(user, password)",
        None,
    ),
    ("rename", "user: UUID, name: str", "None", "Gives an account another name.", "self._native.rename(user, name)", None),
    ("activate", "user: UUID", "None", "Switches an account on.", "self._native.switch(user, True)", None),
    (
        "deactivate",
        "user: UUID",
        "None",
        "Switches an account off: nobody logs in, and no refresh token works.",
        "self._native.switch(user, False)",
        None,
    ),
    (
        "find",
        "user: UUID",
        "_accounts.Account | None",
        "The account of a user.",
        "self._native.find(user)",
        "_accounts.perhaps({})",
    ),
    (
        "find_by_email",
        "email: str",
        "_accounts.Account | None",
        "The account with an e-mail address, in whatever case that is written.",
        "self._native.find_by_email(email)",
        "_accounts.perhaps({})",
    ),
    (
        "forget_expired",
        "",
        "int",
        "Removes the log-ins whose time is over, and says how many they were: for a daily round.",
        "self._native.forget_expired()",
        None,
    ),
]

HEAD = '''

class Accounts(Handle):
    """The accounts beside an engine: for services that have no users of their own. In memory they last as long as this."""

    __slots__ = ("_native",)

    def __init__(
        self,
        crm: Crm,
        *,
        secret: str | bytes,
        older_secrets: Sequence[str | bytes] = (),
        issuer: str = "crm",
        access_lifetime: timedelta = timedelta(minutes=15),
        refresh_lifetime: timedelta = timedelta(days=7),
        lock_after: int = 10,
        lock_time: timedelta = timedelta(minutes=15),
        policy: dict[str, Any] | None = None,
        cost: dict[str, int] | None = None,
    ) -> None:
        settings = _accounts.settings(
            issuer, (access_lifetime, refresh_lifetime), (lock_after, lock_time), policy, cost
        )
        older = _accounts.secrets(older_secrets)
        self._native = _crm.Accounts(crm._native, _accounts.secret(secret), older, settings)

    def authenticate(self, token: str) -> _accounts.Authenticated:
        """Whom an access token is about. Nothing is asked of the database, and so nothing is waited for."""
        return _accounts.authenticated(self._native.authenticate(token))
'''

#: The types of the native class.
NATIVE = '''
@final
class Accounts:
    def __new__(
        cls, engine: Engine, secret: bytes, older: list[bytes], settings: dict[str, Any]
    ) -> Self: ...
    def migrate(self) -> Op: ...
    def register(self, new: dict[str, Any], fields: dict[str, Any]) -> Op: ...
    def create(self, new: dict[str, Any]) -> Op: ...
    def bring_in(self, existing: dict[str, Any]) -> Op: ...
    def find(self, user: UUID) -> Op: ...
    def find_by_email(self, email: str) -> Op: ...
    def login(self, name: str, password: str) -> Op: ...
    def refresh(self, token: str) -> Op: ...
    def logout(self, token: str) -> Op: ...
    def logout_everywhere(self, user: UUID) -> Op: ...
    def authenticate(self, token: str) -> dict[str, Any]: ...
    def authenticate_fresh(self, token: str) -> Op: ...
    def change_password(self, user: UUID, present: str, new: str) -> Op: ...
    def set_password(self, user: UUID, password: str) -> Op: ...
    def rename(self, user: UUID, name: str) -> Op: ...
    def switch(self, user: UUID, active: bool) -> Op: ...
    def forget_expired(self) -> Op: ...
'''


def facade(methods: Callable[..., str], *, awaited: bool) -> str:
    """The class, awaited or waited for."""
    return HEAD + methods(ACCOUNTS, awaited)
