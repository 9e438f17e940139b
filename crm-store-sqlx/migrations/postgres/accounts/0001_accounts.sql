-- Who the users are, for a host that has none of its own. No row belongs to an organisation.
CREATE TABLE "{schema}"."auth_account" (
    "id" uuid PRIMARY KEY,
    "email" text COLLATE "C" NOT NULL CHECK (length("email") <= 255),
    "email_normal" text COLLATE "C" NOT NULL,
    "username" text COLLATE "C" CHECK (length("username") BETWEEN 1 AND 64),
    "username_normal" text COLLATE "C" CHECK (("username" IS NULL) = ("username_normal" IS NULL)),
    "name" text COLLATE "C" NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "hash" text COLLATE "C" NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "active" boolean NOT NULL,
    "failures" bigint NOT NULL CHECK ("failures" >= 0),
    "locked_until" timestamptz,
    "created_at" timestamptz NOT NULL,
    "last_login_at" timestamptz
);
CREATE UNIQUE INDEX "auth_account_email" ON "{schema}"."auth_account" ("email_normal");
CREATE UNIQUE INDEX "auth_account_username" ON "{schema}"."auth_account" ("username_normal");

-- One log-in: the digests of its family and of its latest turn. What was given for an earlier version of the credentials is
-- not valid.
CREATE TABLE "{schema}"."auth_session" (
    "family" text COLLATE "C" PRIMARY KEY CHECK (length("family") = 64),
    "turn" text COLLATE "C" NOT NULL CHECK (length("turn") = 64),
    "account" uuid NOT NULL REFERENCES "{schema}"."auth_account",
    "version" bigint NOT NULL,
    "expires_at" timestamptz NOT NULL,
    "revoked" boolean NOT NULL
);
CREATE INDEX "auth_session_expiry" ON "{schema}"."auth_session" ("expires_at");
