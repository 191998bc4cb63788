/** The client side of Millrace: stands alone on kafka-clients, compiles for Java 17. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
