-- Episodes that branch off a failed run of a training round: a plan of their own, in no success rate.
-- `choice` is the step sample of the action to try, where one is tried; `outcome` is JSON.
CREATE TABLE branches (
    round       INTEGER NOT NULL,
    branch      INTEGER NOT NULL,
    purpose     TEXT NOT NULL CHECK (purpose IN ('preference', 'recovery')),
    slot        INTEGER NOT NULL,
    step        INTEGER NOT NULL,
    choice      BLOB,
    attempts    INTEGER NOT NULL DEFAULT 0,
    device      TEXT,
    outcome     TEXT,
    finished_at INTEGER,
    PRIMARY KEY (round, branch)
) STRICT, WITHOUT ROWID;

-- What can be learnt of a branch, step by step.
CREATE TABLE branch_steps (
    round  INTEGER NOT NULL,
    branch INTEGER NOT NULL,
    step   INTEGER NOT NULL,
    sample BLOB NOT NULL,
    PRIMARY KEY (round, branch, step),
    FOREIGN KEY (round, branch) REFERENCES branches (round, branch)
) STRICT, WITHOUT ROWID;
