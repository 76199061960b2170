//! What a run looks like: tables and the HTML report.
