"""The job engine: DBOS and what we need around it. It knows no feature.

A feature hands its tasks (durable work from a queue) and its schedules (periodic work) to the worker process in
`services/bootstrap.py`, and enqueues through `client`.
"""
