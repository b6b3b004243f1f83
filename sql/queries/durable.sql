-- Whatever a command's SQL may have set: this batch's COMMIT waits for the disk.
SET LOCAL synchronous_commit = on
