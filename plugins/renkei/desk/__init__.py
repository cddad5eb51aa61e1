"""What the people at the desk look at: runs, what waits, one person, worklists, the trail. It only reads."""
