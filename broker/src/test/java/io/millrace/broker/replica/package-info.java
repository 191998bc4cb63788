@NullMarked
package io.millrace.broker.replica;

import org.jspecify.annotations.NullMarked;
