// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Collections of TAXII 2.1 servers as feeds.
 *
 * @see <a href="https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html">TAXII 2.1</a>
 */
@NullMarked
package dev.tip.taxii;

import org.jspecify.annotations.NullMarked;
