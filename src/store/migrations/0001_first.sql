-- The first schema: one run in one database. Times are milliseconds since 1970, seeds are the bits
-- of an unsigned 64-bit number, JSON is text.

CREATE TABLE runs (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    name            TEXT NOT NULL,
    seed            INTEGER NOT NULL,
    config          TEXT NOT NULL,
    program_version TEXT NOT NULL,
    suite_version   TEXT NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE tasks (
    name       TEXT PRIMARY KEY,
    apps       TEXT NOT NULL,
    complexity REAL NOT NULL,
    difficulty TEXT NOT NULL,
    budget     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE instances (
    id     INTEGER PRIMARY KEY,
    task   TEXT NOT NULL,
    seed   INTEGER NOT NULL,
    params TEXT NOT NULL,
    goal   TEXT NOT NULL,
    budget INTEGER NOT NULL,
    UNIQUE (task, seed, params)
) STRICT;

-- A round of training, an evaluation or a collection of demonstrations: one plan of slots.
CREATE TABLE rounds (
    phase          TEXT NOT NULL CHECK (phase IN ('demonstrate', 'train', 'evaluate')),
    number         INTEGER NOT NULL,
    state          TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    plan           TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    finished_at    INTEGER,
    PRIMARY KEY (phase, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE slots (
    phase         TEXT NOT NULL,
    number        INTEGER NOT NULL,
    slot          INTEGER NOT NULL,
    task          TEXT NOT NULL,
    copy          INTEGER NOT NULL,
    batch_task    TEXT NOT NULL,
    replaced      INTEGER NOT NULL,
    instance_seed INTEGER NOT NULL,
    state         TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'leased', 'done', 'abandoned')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    device        TEXT,
    leased_at     INTEGER,
    PRIMARY KEY (phase, number, slot),
    FOREIGN KEY (phase, number) REFERENCES rounds (phase, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE episodes (
    id             INTEGER PRIMARY KEY,
    phase          TEXT NOT NULL,
    number         INTEGER NOT NULL,
    slot           INTEGER NOT NULL,
    attempt        INTEGER NOT NULL,
    instance       INTEGER NOT NULL REFERENCES instances (id),
    device         TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    outcome        TEXT NOT NULL CHECK (outcome IN ('success', 'failure', 'truncated', 'invalid')),
    score          REAL,
    cause          TEXT,
    answer         TEXT,
    state          TEXT NOT NULL,
    started_at     INTEGER NOT NULL,
    finished_at    INTEGER NOT NULL,
    UNIQUE (phase, number, slot, attempt),
    FOREIGN KEY (phase, number, slot) REFERENCES slots (phase, number, slot)
) STRICT;

-- A slot is judged at most once, whatever happens around it.
CREATE UNIQUE INDEX one_judgement_per_slot ON episodes (phase, number, slot)
    WHERE outcome IN ('success', 'failure');

CREATE TABLE steps (
    episode         INTEGER NOT NULL REFERENCES episodes (id),
    step            INTEGER NOT NULL,
    action          TEXT NOT NULL,
    executed        INTEGER NOT NULL,
    note            TEXT NOT NULL,
    log_probability REAL NOT NULL,
    touch_x         INTEGER,
    touch_y         INTEGER,
    screenshot      TEXT,
    sample_hash     TEXT,
    sample          BLOB,
    UNIQUE (episode, step)
) STRICT;

CREATE TABLE success_rates (
    round     INTEGER NOT NULL,
    task      TEXT NOT NULL,
    judged    INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    smoothed  REAL NOT NULL CHECK (smoothed BETWEEN 0 AND 1),
    PRIMARY KEY (round, task)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (
    phase  TEXT NOT NULL,
    number INTEGER NOT NULL,
    name   TEXT NOT NULL,
    value  REAL,
    PRIMARY KEY (phase, number, name)
) STRICT, WITHOUT ROWID;

-- One row per optimizer step.
CREATE TABLE updates (
    phase          TEXT NOT NULL,
    number         INTEGER NOT NULL,
    optimizer_step INTEGER NOT NULL,
    metrics        TEXT NOT NULL,
    PRIMARY KEY (phase, number, optimizer_step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    policy_version INTEGER PRIMARY KEY,
    round          INTEGER,
    path           TEXT NOT NULL,
    hash           TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE evaluations (
    number         INTEGER PRIMARY KEY,
    label          TEXT NOT NULL,
    suite          TEXT NOT NULL,
    policy_version INTEGER NOT NULL,
    temperature    REAL NOT NULL,
    after_round    INTEGER
) STRICT;

CREATE TABLE devices (
    serial     TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    info       TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device_events (
    id     INTEGER PRIMARY KEY,
    serial TEXT NOT NULL,
    at     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
