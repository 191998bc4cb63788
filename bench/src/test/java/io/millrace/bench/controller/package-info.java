/** Tests of the bench of the controller. */
@NullMarked
package io.millrace.bench.controller;

import org.jspecify.annotations.NullMarked;
