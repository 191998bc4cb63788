/** Tests of {@code io.millrace.cluster.controller}. */
@NullMarked
package io.millrace.cluster.controller;

import org.jspecify.annotations.NullMarked;
