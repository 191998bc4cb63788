/** Tests of what an owner loop keeps. */
@NullMarked
package io.millrace.broker.loop;

import org.jspecify.annotations.NullMarked;
