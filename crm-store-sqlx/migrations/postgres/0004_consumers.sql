-- How far each consumer of the outbox has come in an organisation, and whose turn it is. Commits never touch these rows.
CREATE TABLE "{schema}"."consumer" (
    organization_id uuid NOT NULL,
    "name" text COLLATE "C" NOT NULL CHECK ("name" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "position" bigint NOT NULL CHECK ("position" >= 0),
    "lease" bigint NOT NULL CHECK ("lease" >= 1),
    "leased_until" timestamptz,
    PRIMARY KEY (organization_id, name)
);
