"""Reading what lies elsewhere: `http:` and `https:` by aiohttp, `s3:`, `gs:` and `az:` by obstore.

    RemoteReads ─► Lane (fair between hosts) ─► Stream (one read, resumed) ─► Source (HttpSource, StoreSource)

It has a thread and an event loop of its own, so that neither heartbeats nor files wait for it.
"""
