package io.nvmf.samples.webflux.security;

import io.nvmf.samples.webflux.GatewayProperties;
import io.nvmf.samples.webflux.problem.Refusal;
import java.util.Objects;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.header.ReferrerPolicyServerHttpHeadersWriter.ReferrerPolicy;
import org.springframework.security.web.server.header.XFrameOptionsServerHttpHeadersWriter.Mode;
import reactor.core.publisher.Mono;

/** Who may ask what. Nothing is remembered between requests. */
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
class SecurityConfiguration {

    /** Nothing but what is served here; no script and no style within a page. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String CHALLENGE = "Basic realm=\"nvmf gateway\", charset=\"UTF-8\"";

    @Bean
    ReactiveAuthenticationManager users(GatewayProperties properties) {
        if (properties.insecure()) {
            return given -> Mono.error(new BadCredentialsException("there are no users"));
        }
        return new OneUser(properties.username(), Objects.requireNonNull(properties.password()));
    }

    @Bean
    SecurityWebFilterChain security(
            ServerHttpSecurity http, GatewayProperties properties, ReactiveAuthenticationManager users) {
        ServerAuthenticationEntryPoint askForPassword =
                (exchange, failure) -> Mono.error(Refusal.of(HttpStatus.UNAUTHORIZED, "name and password are needed")
                        .header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE));
        http.csrf(ServerHttpSecurity.CsrfSpec::disable) // in its place:
                .addFilterBefore(new RequestOrigin(properties.insecure()), SecurityWebFiltersOrder.AUTHENTICATION)
                .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
                .logout(ServerHttpSecurity.LogoutSpec::disable)
                .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
                .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
                .exceptionHandling(handling -> handling.authenticationEntryPoint(askForPassword))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives(CONTENT_SECURITY_POLICY))
                        .frameOptions(frames -> frames.mode(Mode.DENY))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER)));
        if (properties.insecure()) {
            http.httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
                    .authorizeExchange(requests -> requests.anyExchange().permitAll());
        } else {
            http.httpBasic(basic -> basic.authenticationManager(users).authenticationEntryPoint(askForPassword))
                    .authorizeExchange(requests -> requests.pathMatchers("/actuator/health/**", "/actuator/health")
                            .permitAll() // without details, for those who restart services
                            .anyExchange()
                            .authenticated());
        }
        return http.build();
    }
}
