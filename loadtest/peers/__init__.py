"""The peers: the same work done without Staydown, in the same run, to see what its guarantees cost.

Each is a small program that is told its task by a file (`task.py`) and does the work of `work.py`. None of them can
be what a platform needs: its docstring says which guarantees it lacks. All of them know the listings beforehand, so
none can take down what was there before a work was registered, or give anything back.
"""
