/** Millrace client. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
