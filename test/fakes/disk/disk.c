/*
 * A disk that fails on command: loaded before libc (LD_PRELOAD), it stands between SQLite and the kernel's
 * pwrite64 and fdatasync. What it does is read from a small file mapped into this process and the test's, so
 * that a test can change it while the relay runs (disk.ts has the same layout).
 *
 * Linux and glibc only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { ON_WRITE = 1, ON_SYNC = 2 };
enum { FILE_LEDGER = 1, FILE_WAL = 2, FILE_OTHER = 4 };
enum { DO_NOTHING, DO_KILL_BEFORE, DO_KILL_AFTER, DO_KILL_TORN, DO_FULL, DO_FAIL, DO_COUNT, DO_READ_ONLY };

struct control {
  int32_t operations; /* ON_… */
  int32_t files;      /* FILE_… */
  int32_t action;     /* DO_… */
  int32_t countdown;  /* of matching calls; the action is taken at 1, and at every call when it is 0 */
  int32_t sync_us;    /* every fdatasync and fsync of the ledger or its log takes this much longer */
  int32_t hits;       /* how often the action was taken */
};

static volatile struct control *control;
static char ledger[4096], wal[4096], folder[4096];
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);

__attribute__((constructor)) static void load(void) {
  real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  const char *path = getenv("DISK_LEDGER"), *at = getenv("DISK_CONTROL");
  if (path == NULL || at == NULL) return;
  snprintf(ledger, sizeof ledger, "%s", path);
  snprintf(wal, sizeof wal, "%s-wal", path);
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash != NULL) slash[1] = '\0';
  int fd = open(at, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

static int file_of(int fd) {
  if (control == NULL) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  if (strcmp(path, ledger) == 0) return FILE_LEDGER;
  if (strcmp(path, wal) == 0) return FILE_WAL;
  return strncmp(path, folder, strlen(folder)) == 0 ? FILE_OTHER : 0;
}

/* What is to be done with this call, DO_NOTHING for most. */
static int action_for(int operation, int file) {
  if (control == NULL || control->action == DO_NOTHING) return DO_NOTHING;
  if ((control->operations & operation) == 0 || (control->files & file) == 0) return DO_NOTHING;
  if (control->countdown > 0) {
    int left = __sync_sub_and_fetch(&control->countdown, 1);
    if (left != 0) return DO_NOTHING;
    /* Once: at 0 the action would be taken at every call. */
    int action = control->action;
    control->action = DO_NOTHING;
    __sync_add_and_fetch(&control->hits, 1);
    return action;
  }
  __sync_add_and_fetch(&control->hits, 1);
  return control->action;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* 0: the call is to go on. */
static int error_of(int action) {
  if (action == DO_FULL) return ENOSPC;
  if (action == DO_READ_ONLY) return EROFS;
  return action == DO_FAIL ? EIO : 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  int action = action_for(ON_WRITE, file_of(fd));
  if (action == DO_KILL_BEFORE) die();
  if (error_of(action) != 0) {
    errno = error_of(action);
    return -1;
  }
  ssize_t written = real_pwrite64(fd, bytes, action == DO_KILL_TORN ? count / 2 : count, offset);
  if (action == DO_KILL_AFTER || action == DO_KILL_TORN) die();
  return written;
}

static int flush(int fd, int (*real)(int)) {
  int file = file_of(fd);
  int action = action_for(ON_SYNC, file);
  if (action == DO_KILL_BEFORE || action == DO_KILL_TORN) die();
  if (error_of(action) != 0) {
    errno = error_of(action);
    return -1;
  }
  int result = real(fd);
  if (control != NULL && control->sync_us > 0 && (file & (FILE_LEDGER | FILE_WAL)) != 0) {
    struct timespec pause = {control->sync_us / 1000000, (control->sync_us % 1000000) * 1000L};
    nanosleep(&pause, NULL);
  }
  if (action == DO_KILL_AFTER) die();
  return result;
}

int fdatasync(int fd) { return flush(fd, real_fdatasync); }
int fsync(int fd) { return flush(fd, real_fsync); }
