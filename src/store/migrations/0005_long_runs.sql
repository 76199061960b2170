-- Step samples are forgotten round by round; only the steps that still have one are looked at for that.
CREATE INDEX steps_with_sample ON steps (episode)
    WHERE sample IS NOT NULL OR sample_hash IS NOT NULL;

-- So are those that still have a screenshot.
CREATE INDEX steps_with_screenshot ON steps (episode)
    WHERE screenshot IS NOT NULL;
