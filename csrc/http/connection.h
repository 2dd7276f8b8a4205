/* SPDX-License-Identifier: MIT
 *
 * connection: every socket that libcurl opens, which transfers run on it, and
 * how far it can be trusted. The sockets are close-on-exec. I/O thread only,
 * but for connections_look, which the watch calls: `lock` keeps a descriptor
 * from being closed, and so from becoming another file, meanwhile. One that was
 * never connected libcurl closes without a word: there the inode tells.
 *
 * What is believed of a connection: one on which an exchange ended well less
 * than a second ago, and which has nothing to say, is alive. One on which a
 * transfer ended by a limit or a cancel is not used again, unless others are
 * on it, bytes came since that transfer was sent, and they still do. */
#ifndef AISTUDIOS_HTTP_CONNECTION_H
#define AISTUDIOS_HTTP_CONNECTION_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct transfer;
typedef struct connection connection;
typedef struct connections connections;

struct connection {
  connections *owner;
  list_node entry;     /* in owner->all, while it is open */
  unsigned refs;       /* the list's, and one of each user */
  int fd;              /* -1: closed */
  ino_t inode;         /* of the socket; 0: unknown */
  list_node by_port;   /* in one of owner's `ports`, or `unnamed` */
  int local_port;      /* 0: not looked up yet */
  list_node users;     /* the transfers that run on it */
  atomic_uint served;  /* exchanges that began on it */
  double ended_at;     /* when one last ended well */
  bool is_http1;       /* what comes between two exchanges belongs to none */
  bool is_suspect;     /* nothing new may start on it */
  atomic_bool is_shut; /* the watch has shut it down */
  struct {             /* of the watch */
    unsigned call;     /* of libcurl, in which it looked last */
    int greedy;        /* looks in that call at which much had been read */
    uint64_t taken;    /* bytes that libcurl had read at the last of them */
  } sight;
};

enum { CONNECTION_PORTS = 64, CONNECTION_HASTY_SERVERS = 64 };

struct connections {
  pthread_mutex_t lock; /* held to change `all`, and to close */
  list_node all;
  connection **by_fd;
  int size;
  list_node ports[CONNECTION_PORTS]; /* open ones, by their local port */
  list_node unnamed;                 /* those whose port is not looked up yet */
  unsigned suspects;                 /* how many are suspect */
  /* Hashes of the servers that ended a connection between two exchanges without
   * a word, the last ones; 0: none. */
  uint64_t hasty[CONNECTION_HASTY_SERVERS];
  unsigned hasty_count; /* of all so far */
};

void connections_init(connections *cs);
void connections_free(connections *cs);

/* A socket for libcurl; CURL_SOCKET_BAD: out of descriptors or memory. */
curl_socket_t connections_open(connections *cs, struct curl_sockaddr *address);

/* libcurl has closed it, or does not wait for it any more, and nothing was
 * sent over it yet: a socket that was never connected is closed without a
 * word. */
void connections_forget(connections *cs, curl_socket_t fd);

/* In a forked child: closes its copies of the sockets. Nothing else may be
 * done with them after that. */
void connections_close_copies(connections *cs);

/* Closes it; 0 or -1. */
int connections_close(connections *cs, curl_socket_t fd);

/* The connection of a descriptor; NULL: it is none of libcurl's sockets. */
connection *connections_at(const connections *cs, int fd);

/* The one that libcurl has chosen, by the port that it told; NULL: unknown. */
connection *connections_find(connections *cs, int local_port);

/* Is a connection to the same server as `t` suspected? */
bool connections_suspect(const connections *cs, const struct transfer *t);

/* The server of `t` has ended a connection between two exchanges, without a
 * word. */
void connections_note_hasty(connections *cs, const struct transfer *t);

/* Is it one of those? */
bool connections_are_hasty(const connections *cs, const struct transfer *t);

/* May a request that must not be sent twice go over it? */
bool connection_is_sound(const connection *c);

/* Has something come over it that is no answer to what is sent next? */
bool connection_has_news(const connection *c);

/* `t` runs on `c` (or NULL) from now on, and on no other. */
void connection_join(connection *c, struct transfer *t);

/* It has left it; `is_whole`: with a whole answer. Idempotent. */
void connection_leave(struct transfer *t, bool is_whole);

/* `t` is about to be taken back from libcurl: sees to it that the connection
 * is not used again, unless it still brings bytes for others. */
void connection_distrust(struct transfer *t);

/* Bytes that libcurl has read from it, headers and framing included; 0 where
 * the system does not tell. */
uint64_t connection_read(const connection *c);

/* The watch's: libcurl is in the call of this number, and did not come back
 * since the last look. Notes what it has read of each connection; `is_due`:
 * shuts those down of which it read much, and again, since. */
void connections_look(connections *cs, unsigned call, bool is_due);

#endif
