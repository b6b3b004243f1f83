/* blast_file - files of texts and lists, whole (blast.h). */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/blast.h"

/* A pipe cannot be mapped. */
static int read_all(int fd, struct str *content_r)
{
	struct buf bytes = { 0 };
	ssize_t n;

	do {
		buf_room(&bytes, 1 << 16);
		n = read(fd, bytes.ptr + bytes.len, 1 << 16);
		bytes.len += n > 0 ? n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	*content_r = buf_get(&bytes);
	return n < 0 ? -1 : 0;
}

static int contents(int fd, struct str *content_r)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return read_all(fd, content_r);
	void *mapped = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED)
		return -1;
	madvise(mapped, st.st_size, MADV_SEQUENTIAL);
	*content_r = str_n(mapped, st.st_size);
	return 0;
}

int blast_file(const char *path, struct str *content_r, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int failed = fd < 0 || contents(fd, content_r) < 0;
	int error = errno;

	if (fd >= 0)
		close(fd);
	return failed ? err_set(err, ERR_INPUT, "%s: %s (name a file that you may read)", path,
				strerror(error)) : 0;
}
