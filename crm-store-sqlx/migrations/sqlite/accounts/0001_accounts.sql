-- Who the users are, for a host that has none of its own. No row belongs to an organisation.
CREATE TABLE "crm_auth_account" (
    "id" BLOB PRIMARY KEY NOT NULL CHECK (length("id") = 16),
    "email" TEXT NOT NULL CHECK (length("email") <= 255),
    "email_normal" TEXT NOT NULL,
    "username" TEXT CHECK (length("username") BETWEEN 1 AND 64),
    "username_normal" TEXT CHECK (("username" IS NULL) = ("username_normal" IS NULL)),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "hash" TEXT NOT NULL,
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "active" INTEGER NOT NULL CHECK ("active" IN (0, 1)),
    "failures" INTEGER NOT NULL CHECK ("failures" >= 0),
    "locked_until" INTEGER,
    "created_at" INTEGER NOT NULL,
    "last_login_at" INTEGER
) STRICT;
CREATE UNIQUE INDEX "crm_auth_account_email" ON "crm_auth_account" ("email_normal");
CREATE UNIQUE INDEX "crm_auth_account_username" ON "crm_auth_account" ("username_normal");

-- One log-in: the digests of its family and of its latest turn. What was given for an earlier version of the credentials is
-- not valid.
CREATE TABLE "crm_auth_session" (
    "family" TEXT PRIMARY KEY NOT NULL CHECK (length("family") = 64),
    "turn" TEXT NOT NULL CHECK (length("turn") = 64),
    "account" BLOB NOT NULL REFERENCES "crm_auth_account",
    "version" INTEGER NOT NULL,
    "expires_at" INTEGER NOT NULL,
    "revoked" INTEGER NOT NULL CHECK ("revoked" IN (0, 1))
) STRICT;
CREATE INDEX "crm_auth_session_expiry" ON "crm_auth_session" ("expires_at");
