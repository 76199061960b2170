-- What a run was begun with, to notice when it is gone on with under something else: the suite's
-- tasks, the bundle it started from.
CREATE TABLE identities (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Actions drawn again on the states of a round (STEP section 4), before anything is learnt from them.
CREATE TABLE resampled (
    number          INTEGER NOT NULL,
    slot            INTEGER NOT NULL,
    step            INTEGER NOT NULL,
    alternative     INTEGER NOT NULL,
    log_probability REAL NOT NULL,
    sample          BLOB NOT NULL,
    PRIMARY KEY (number, slot, step, alternative)
) STRICT, WITHOUT ROWID;

-- Content hash of a bundle's description, which names the hashes of all its files.
ALTER TABLE checkpoints ADD COLUMN description_hash TEXT NOT NULL DEFAULT '';
