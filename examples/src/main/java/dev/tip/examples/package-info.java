// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** The {@code tip} command and one-file examples. */
@NullMarked
package dev.tip.examples;

import org.jspecify.annotations.NullMarked;
