/** Tests of what keys may cost. */
@NullMarked
package io.millrace.broker.wire.keyed;

import org.jspecify.annotations.NullMarked;
