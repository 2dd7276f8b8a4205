/* SPDX-License-Identifier: MIT
 *
 * program: what a sandbox needs that is a program of its own. */
#ifndef AISTUDIOS_SANDBOX_PROGRAM_H
#define AISTUDIOS_SANDBOX_PROGRAM_H

#include <lua.h>

/* hold_signals(): blocks SIGTERM, SIGINT and SIGHUP in this thread, so that
 * they wait for wait_for_end. */
int program_hold_signals(lua_State *L);

/* wait_for_end(with_stdin): waits for one of these signals, or, with_stdin,
 * for the end of stdin, whose bytes it throws away. Unblocks them. For the main
 * thread of a program whose other threads block them. */
int program_wait(lua_State *L);

/* pid() -> the number of this process */
int program_pid(lua_State *L);

#endif
