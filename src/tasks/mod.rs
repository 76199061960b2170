//! The task catalogue: parameters, goals, initialise, check, tear down, scripted solutions; one file per app.
