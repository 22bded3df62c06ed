// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/** The Elasticsearch side of tip: the sink, and the administration of its index. */
@NullMarked
package dev.tip.elastic;

import org.jspecify.annotations.NullMarked;
