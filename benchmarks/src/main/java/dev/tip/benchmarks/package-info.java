// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** Benchmarks of tip: JMH for the hot paths, and a harness that measures the budgets end to end. */
@NullMarked
package dev.tip.benchmarks;

import org.jspecify.annotations.NullMarked;
