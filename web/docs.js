/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  // Nothing is asked of other servers.
  validatorUrl: null,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
});
