-- What estimators need beside actions and outcomes: which state a step was taken in, how far the
-- task was after it, and what a judge answered.

ALTER TABLE steps ADD COLUMN anchor TEXT;
ALTER TABLE steps ADD COLUMN progress REAL CHECK (progress BETWEEN 0 AND 1);

-- Answers of a judge that may answer otherwise the next time: a round that is gone on with asks
-- nothing twice. NULL is an answer that never came, or was no answer.
CREATE TABLE judgements (
    round    INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer   TEXT,
    PRIMARY KEY (round, question)
) STRICT, WITHOUT ROWID;
