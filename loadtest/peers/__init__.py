"""The peers: uploads answered without Staydown, in the same run, to see what its guarantees cost.

Each is a small program that is told its task by a file (`task.py`). None of them can be what a platform needs: its
docstring says which guarantees it lacks. The plain consumer does the same work as Staydown, by the same functions. The
shortest consumer, Faust's agent and the loop do the least that still gives the right verdict (`work.py`): they know the
listings beforehand, so they can take nothing down that was there before a work was registered, or give anything back.
"""
